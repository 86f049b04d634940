"""A bucket of S3, or of anything that speaks its language: `s3://bucket/prefix?endpoint=URL&region=R`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlsplit

from stashgen import hosting
from stashgen.publishers import sending
from stashgen.publishers.site import Site
from stashgen.publishers.store import Order, PublishError, Report
from stashgen.text import did_you_mean, listed, quoted

_WORKERS: Final = 8
_SETTINGS: Final = ("endpoint", "region", "acl", "style")
_MISSING: Final = {"NoSuchKey", "404", "NotFound"}
_WORDS: Final[dict[str, str]] = {
    "NoSuchBucket": "there is no bucket of this name; make it first",
    "AccessDenied": "the key may not do this: it needs ListBucket on the bucket, and GetObject, PutObject and "
    "DeleteObject below the prefix",
    "403": "the key may not do this: it needs ListBucket on the bucket, and GetObject, PutObject and DeleteObject "
    "below the prefix",
    "InvalidAccessKeyId": "the store does not know this key; look at AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "the secret does not belong to the key; look at AWS_SECRET_ACCESS_KEY",
    "ExpiredToken": "the credentials have expired; get new ones",
    "PermanentRedirect": "the bucket is in another region; add ?region=... to the target",
    "AuthorizationHeaderMalformed": "the bucket is in another region; add ?region=... to the target",
    "QuotaExceeded": "the store is full; free some space and publish again",
    "XMinioStorageFull": "the store is full; free some space and publish again",
}

_Result = TypeVar("_Result")


class _Place(NamedTuple):
    """What a target says."""

    bucket: str
    prefix: str  # empty, or with a slash at its end
    settings: dict[str, str]


def fits(target: str) -> bool:
    """Return whether a target is a bucket."""
    return target.startswith("s3://")


def publish(target: str, site: Site, order: Order) -> Report:
    """Bring a bucket, or what lies below a prefix, to the state of the site."""
    place = _place(target)
    with _explained():
        return sending.publish(_Bucket(_client(place), place, order), site, order)


class _Bucket:
    """A bucket as the engine sees it: several objects are on their way at once."""

    is_alone = False

    def __init__(self, client: Any, place: _Place, order: Order) -> None:
        self._client, self._place, self._order = client, place, order

    def read(self, names: Sequence[str]) -> dict[str, bytes]:
        """Return the bytes of objects."""
        wanted = [name for name in names if not name.endswith("/")]
        for folder in (name for name in names if name.endswith("/")):
            wanted += self._listed(folder)
        bodies = self._each(self._get, wanted)
        return {name: body for name, body in zip(wanted, bodies, strict=True) if body is not None}

    def put(self, name: str, data: bytes) -> None:
        """Write an object that nobody may keep."""
        self._put(name, data, {"ContentType": "application/json", "CacheControl": "no-store"})

    def send(self, site: Site, names: Sequence[str]) -> None:
        """Send objects with their type, and how long they may be kept."""

        def send(name: str) -> None:
            said = hosting.headers(name)
            kept = {"ContentType": said["Content-Type"], "CacheControl": said["Cache-Control"]}
            acl = {"ACL": self._place.settings["acl"]} if "acl" in self._place.settings else {}
            self._put(name, site.read(name), {**kept, **acl})

        self._each(send, names)

    def remove(self, names: Sequence[str]) -> None:
        """Remove objects, one by one: not every store knows the call for many."""
        self._each(lambda name: self._call("delete_object", name), names)

    def _put(self, name: str, data: bytes, said: dict[str, str]) -> None:
        self._call("put_object", name, Body=data, **said)

    def _get(self, name: str) -> bytes | None:
        try:
            body: bytes = self._call("get_object", name)["Body"].read()
        except Exception as error:
            if _code(error) in _MISSING:
                return None
            raise
        return body

    def _listed(self, folder: str) -> list[str]:
        prefix = self._place.prefix + folder
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._place.bucket, Prefix=prefix, Delimiter="/"
        )
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        return [key.removeprefix(self._place.prefix) for key in keys]

    def _call(self, verb: str, name: str, **more: Any) -> Any:
        return getattr(self._client, verb)(Bucket=self._place.bucket, Key=self._place.prefix + name, **more)

    def _each(self, call: Callable[[str], _Result], names: Sequence[str]) -> list[_Result]:
        was_stopped = self._order.stop.is_set()

        def guarded(name: str) -> _Result:
            if not was_stopped:
                self._order.go_on()
            return call(name)

        with ThreadPoolExecutor(_WORKERS) as pool, _explained():
            futures = [pool.submit(guarded, name) for name in names]
            try:
                return [future.result() for future in futures]
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


def _place(target: str) -> _Place:
    parts = urlsplit(target)
    settings = dict(parse_qsl(parts.query))
    for name in settings:
        if name not in _SETTINGS:
            raise PublishError(
                f"there is no setting {quoted(name)}{did_you_mean(name, _SETTINGS)}; there are {listed(_SETTINGS)}",
                is_lasting=True,
            )
    if not parts.netloc or "@" in parts.netloc:
        raise PublishError("give a bucket, such as s3://bucket/prefix; keys come from the environment", is_lasting=True)
    prefix = parts.path.strip("/")
    return _Place(parts.netloc, f"{prefix}/" if prefix else "", settings)


def _client(place: _Place) -> Any:
    try:
        import boto3  # type: ignore[import-untyped] # noqa: PLC0415 - an optional dependency
        from botocore.config import Config  # type: ignore[import-untyped] # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise PublishError(
            "needs boto3, which is not installed: pip install 'stashgen[s3]'", is_lasting=True
        ) from error
    endpoint = place.settings.get("endpoint")
    # Stores other than Amazon's have one host for all buckets, and not all know the newer checksums.
    own: dict[str, Any] = {"s3": {"addressing_style": place.settings.get("style", "path")}} if endpoint else {}
    config = Config(
        connect_timeout=10,
        read_timeout=60,
        max_pool_connections=_WORKERS,
        retries={"mode": "standard", "max_attempts": 3},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        **own,
    )
    with _explained():
        session = boto3.session.Session(region_name=place.settings.get("region"))
        region = session.region_name or "us-east-1"
        return session.client("s3", endpoint_url=endpoint, region_name=region, config=config)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except PublishError:
        raise
    except Exception as error:
        told = _told(error)
        if told is None:
            raise
        raise told from error


def _told(error: Exception) -> PublishError | None:
    """Return an error of boto3 in plain words, None for what is none: its classes are made when it runs."""
    if not (type(error).__module__ or "").startswith(("botocore", "boto3")):
        return None
    if type(error).__name__ in {"NoCredentialsError", "PartialCredentialsError"}:
        return PublishError(
            "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE", is_lasting=True
        )
    code = _code(error)
    if code in _WORDS:
        return PublishError(f"{_WORDS[code]} ({error})", is_lasting=True)
    return PublishError(str(error), is_lasting=isinstance(error, ValueError))


def _code(error: Exception) -> str:
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""
