// What hubot-stashboard does, with nothing but Node: a GET without a key, and a form that is signed by hand (RFC 5849).
import { createHmac, randomBytes } from "node:crypto";
import { request } from "node:http";

const [base, token, secret, service, status, message] = process.argv.slice(2);

const escaped = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => "%" + sign.charCodeAt(0).toString(16).toUpperCase());

function signed(method, url, form) {
  const oauth = {
    oauth_consumer_key: "anonymous",
    oauth_token: token,
    oauth_signature_method: "HMAC-SHA1",
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    oauth_nonce: randomBytes(16).toString("hex"),
    oauth_version: "1.0",
  };
  const pairs = Object.entries({ ...oauth, ...form }).map(([name, value]) => [escaped(name), escaped(value)]);
  const normal = pairs.sort(([a], [b]) => (a < b ? -1 : 1)).map((pair) => pair.join("=")).join("&");
  const text = [method, escaped(url), escaped(normal)].join("&");
  oauth.oauth_signature = createHmac("sha1", `anonymous&${escaped(secret)}`).update(text).digest("base64");
  return "OAuth " + Object.entries(oauth).map(([name, value]) => `${name}="${escaped(value)}"`).join(", ");
}

function call(method, url, form) {
  const body = form && Object.entries(form).map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join("&");
  const headers = form
    ? { Authorization: signed(method, url, form), "Content-Type": "application/x-www-form-urlencoded" }
    : {};
  return new Promise((done, failed) => {
    const sent = request(url, { method, headers }, (answer) => {
      let data = "";
      answer.setEncoding("utf8").on("data", (part) => (data += part)).on("end", () => done([answer.statusCode, data]));
    });
    sent.on("error", failed);
    sent.end(body);
  });
}

const found = await call("GET", `${base}/services`);
const known = JSON.parse(found[1]).services.map((one) => [one.id, one["current-event"]?.status.id ?? null]);
const posted = await call("POST", `${base}/services/${service}/events`, { status, message });
const again = await call("GET", `${base}/services`);
const now = JSON.parse(again[1]).services.find((one) => one.id === service);
console.log(JSON.stringify({ codes: [found[0], posted[0], again[0]], known, posted: JSON.parse(posted[1]), now }));
