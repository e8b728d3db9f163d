import { type Command, Option } from "commander";
import { listState, moveState, removeState, showState } from "../../commands/state.ts";
import { renderEntries, renderEntry } from "../../report/state.ts";
import { plural } from "../../report/values.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit-code.ts";
import { formatOption, projectOptions } from "../options.ts";
import type { Start } from "../start.ts";

interface StateOptions {
  readonly dir?: string;
  readonly format: "text" | "json";
}

/** Declares `state` and its own commands. */
export function addStateCommand(program: Command, start: Start): void {
  const state = program
    .command("state")
    .description("look at or correct what is remembered of the objects that were made")
    .addHelpText(
      "after",
      examples(
        "cozeform state list",
        "cozeform state show Bot.support",
        "cozeform state mv Bot.support Bot.service",
        "cozeform state rm 'Document.faq[\"returns.md\"]'",
      ),
    );
  addList(state, start);
  addShow(state, start);
  addMove(state, start);
  addRemove(state, start);
}

const dirOption = (): Option => new Option("--dir <dir>", "the project's directory");

function addList(state: Command, start: Start): void {
  state
    .command("list")
    .description("list the resources that are remembered, with their ids")
    .addOption(dirOption())
    .addOption(formatOption())
    .action((_options, self: Command) =>
      start<StateOptions>(self, async (session, options) => {
        const entries = await listState(session.host(), projectOptions(session.path(options.dir), options));
        if (options.format === "text") session.print(renderEntries(entries, session.drawing));
        else session.print(toJson(entries.map(({ address, entry }) => ({ address, ...entry }))));
        return ExitCode.done;
      }),
    );
}

function addShow(state: Command, start: Start): void {
  state
    .command("show <address>")
    .description("show all that is remembered of one resource")
    .addOption(dirOption())
    .addOption(formatOption())
    .action((address: string, _options, self: Command) =>
      start<StateOptions>(self, async (session, options) => {
        const project = projectOptions(session.path(options.dir), options);
        const entry = await showState(session.host(), project, address);
        if (options.format === "text") session.print(renderEntry(address, entry, session.drawing));
        else session.print(toJson({ address, ...entry }));
        return ExitCode.done;
      }),
    );
}

function addMove(state: Command, start: Start): void {
  state
    .command("mv <from> <to>")
    .description("give a resource another address, as when its manifest was renamed; Coze isn't asked")
    .addOption(dirOption())
    .action((from: string, to: string, _options, self: Command) =>
      start<StateOptions>(self, async (session, options) => {
        await moveState(session.host(), projectOptions(session.path(options.dir), options), from, to);
        session.print(`${from} is now ${to}.\n`);
        return ExitCode.done;
      }),
    );
}

function addRemove(state: Command, start: Start): void {
  state
    .command("rm <address...>")
    .description("forget resources; at Coze they stay as they are")
    .addOption(dirOption())
    .action((addresses: readonly string[], _options, self: Command) =>
      start<StateOptions>(self, async (session, options) => {
        await removeState(session.host(), projectOptions(session.path(options.dir), options), addresses);
        session.print(`Forgot ${plural(addresses.length, "resource")}.\n`);
        return ExitCode.done;
      }),
    );
}

const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
