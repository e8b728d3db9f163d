import { cdktf } from "./cdktf.ts";
import { cli } from "./cli.ts";
import { cliHelp } from "./cli-help.ts";
import { commands } from "./commands.ts";
import { common } from "./common.ts";
import { content } from "./content.ts";
import { convert } from "./convert.ts";
import { copies } from "./copies.ts";
import { core } from "./core.ts";
import { coze } from "./coze.ts";
import { engine } from "./engine.ts";
import { exporting } from "./export.ts";
import { files } from "./files.ts";
import { kinds } from "./kinds.ts";
import { manifest } from "./manifest.ts";
import { manifestProject } from "./manifest-project.ts";
import { manifestSchema } from "./manifest-schema.ts";
import { manifestValues } from "./manifest-values.ts";
import { manifestYaml } from "./manifest-yaml.ts";
import { plan } from "./plan.ts";
import { promote } from "./promote.ts";
import { report } from "./report.ts";
import { secrets } from "./secrets.ts";
import { state } from "./state.ts";
import { terraformFunctions } from "./terraform-functions.ts";
import { terraformProvider } from "./terraform-provider.ts";
import { terraformResource } from "./terraform-resource.ts";

/** Every message in English, by its key. */
export const english = {
  ...cdktf,
  ...cliHelp,
  ...cli,
  ...commands,
  ...common,
  ...content,
  ...convert,
  ...copies,
  ...core,
  ...coze,
  ...engine,
  ...exporting,
  ...files,
  ...kinds,
  ...manifestProject,
  ...manifestSchema,
  ...manifestValues,
  ...manifestYaml,
  ...manifest,
  ...plan,
  ...promote,
  ...report,
  ...secrets,
  ...state,
  ...terraformFunctions,
  ...terraformProvider,
  ...terraformResource,
} as const;
