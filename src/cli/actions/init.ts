import { editorFile, ignoreFile, initProject, starterFiles } from "../../commands/init.ts";
import { commandLine, pathWord, shellQuote } from "../../core/command-line.ts";
import { say } from "../../messages/text.ts";
import { printable } from "../../report/escape-control.ts";
import { ExitCode } from "../exit-code.ts";
import type { Session } from "../session.ts";

interface InitOptions {
  readonly cdktf?: boolean;
}

/** Runs `init`. */
export async function runInit(
  session: Session,
  { cdktf = false }: InitOptions,
  dir?: string,
): Promise<ExitCode> {
  const files = await initProject(session.projectPath(dir), { cdktf });
  const list = files.map((file) => `  ${file}\n`).join("");
  const head = say("cli/init-wrote", { directory: (dir ?? ".").replace(/\/*$/, "/") });
  const next = cdktf ? describeDeployment(dir) : describeTrial();
  session.print(printable(`${head}\n${list}${next}\n`));
  if (!files.includes(ignoreFile)) session.log.warn(adviseOnIgnoring(cdktf));
  if (!(cdktf || files.includes(editorFile))) session.log.warn(adviseOnEditor());
  return ExitCode.done;
}

function adviseOnIgnoring(cdktf: boolean): string {
  const { [ignoreFile]: text = "" } = starterFiles("", { cdktf });
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return say("cli/init-ignore-file", { file: ignoreFile, lines: lines.join(" ") });
}

function adviseOnEditor(): string {
  const { [editorFile]: text = "" } = starterFiles("");
  const settings = JSON.stringify(JSON.parse(text)).slice(1, -1);
  return say("cli/init-editor-file", { file: editorFile, settings });
}

const describeTrial = (): string =>
  say("cli/init-try", { commandLine: commandLine(["plan"], { after: ["--emulator"] }) });

const describeDeployment = (dir: string | undefined): string =>
  say("cli/next", {
    command: `cozeform terraform install
      ${dir === undefined ? "" : `cd ${shellQuote(pathWord(dir))} && `}npm install
      COZE_API_TOKEN=… npx cdktf deploy --skip-provider-lock`,
  });
