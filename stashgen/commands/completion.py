"""stashgen completion: the lines that make a shell complete commands, ids and statuses."""

from __future__ import annotations

import click

from stashgen.commands.changing import shells


@click.command
@click.argument("shell", type=click.Choice(list(shells.SHELLS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes SHELL complete commands, options, ids, statuses and templates.

    \b
        echo 'eval "$(stashgen completion bash)"' >> ~/.bashrc
        echo 'eval "$(stashgen completion zsh)"' >> ~/.zshrc
        stashgen completion fish > ~/.config/fish/completions/stashgen.fish
    """  # noqa: D301 - Click's mark for lines that it must not fill
    root = context.find_root()
    click.echo(shells.script(shell, root.command, root.info_name or "stashgen"))
