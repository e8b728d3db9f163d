import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import {
  Annotations,
  App,
  type ITerraformDependable,
  type LocalExecProvisioner,
  type TerraformMetaArguments,
  type TerraformProvider,
  TerraformResource,
  TerraformStack,
  Token,
} from "cdktf";
import { Construct } from "constructs";
import { say } from "../messages/text.ts";
import { findSecrets } from "../secrets/detection.ts";
import type { Inventory, Source, takeInventory } from "./manifests/project-snapshot.ts";
import { sourceOf, textsOf, waitFor } from "./manifests/read-sync.ts";
import { asTemplate } from "./manifests/values.ts";
import { InvalidManifests } from "./manifests.ts";
import { checkOptions } from "./runtime/synthesize.ts";

export { InvalidManifests };

/** Configuration of {@link ManifestRun}. */
export interface ManifestRunConfig {
  /** The project: where `cozeform.yaml` and the manifests are. A relative path is below the directory of the process. */
  readonly directory: string;
  /**
   * One of the environments of `cozeform.yaml`; its default environment unless given. Naming a protected one confirms it,
   * and without its name it is refused.
   */
  readonly environment?: string | undefined;
  /**
   * What `${var.NAME}` stands for, over the environment's variables. No secrets: Terraform keeps them in its state and
   * shows them. A token of CDKTF's needs `destroy: false`, since Terraform destroys without knowing it.
   */
  readonly variables?: { readonly [name: string]: string | number | boolean };
  /**
   * A plan that `cozeform plan --out` saved, by its path below `directory`: exactly that is applied, and a file that holds
   * anything else by then is refused. Where it can't be applied any more, plan again and synthesize.
   */
  readonly plan?: string | undefined;
  /** How cozeform is started: a program and its first arguments. `npx --no cozeform` by default, so one that is installed. */
  readonly command?: readonly [string, ...string[]] | undefined;
  /** `false`: what was applied stays as it is when Terraform destroys this. */
  readonly destroy?: boolean | undefined;
  /** Lets members be removed, whose resources go to the workspace's owner for good. A plan holds its own answers. */
  readonly allowOwnershipTransfer?: boolean | undefined;
  /** How much goes, where so much does that cozeform wants it confirmed: `cozeform plan --destroy` says the number. */
  readonly confirmRemovals?: number | undefined;
  /** What must be there before. */
  readonly dependsOn?: ITerraformDependable[] | undefined;
  /** A `NullProvider`: it holds the run as `null_resource`s, for Terraform before 1.4, which has no `terraform_data`. */
  readonly provider?: TerraformProvider | undefined;
}

const optionNames = [
  "directory",
  "environment",
  "variables",
  "plan",
  "command",
  "destroy",
  "allowOwnershipTransfer",
  "confirmRemovals",
  "dependsOn",
  "provider",
] as const satisfies readonly (keyof ManifestRunConfig)[];

/**
 * Runs `cozeform apply` on a project whenever its content changes, and `cozeform destroy` when Terraform destroys it: for
 * places where the provider can't be installed.
 *
 *     const run = new ManifestRun(this, "desk", { directory: "manifests", environment: "prod" });
 *
 * The project is checked when this is synthesized: throws {@link InvalidManifests} for what `cozeform validate` would
 * refuse, with file, line and column. What environment variables hold is known only to the run; the token is one of
 * these: it belongs to the person who runs Terraform, and stands in no file and no Terraform state.
 *
 * Two of Terraform's own `terraform_data` come of it, which need no provider. `apply` has the hash of each file of the project, the environment, the variables and
 * the plan as triggers: where one changes it is replaced, which runs `cozeform apply` again. So it is after a run that
 * failed, which Terraform marks as tainted. `project` has no triggers, so that nothing that changes replaces it: it is
 * there to run `cozeform destroy` when all goes. What is to come after the run depends on `run.apply`.
 *
 * To be known:
 * - Terraform sees that files changed, not what cozeform makes of that: look at `cozeform plan`, and pin it with `plan`.
 * - cozeform keeps its own state in `.cozeform` in the project's directory. Keep that between runs, beside Terraform's.
 * - Another `environment` leaves what was applied to the former one: `cozeform destroy -e NAME` removes that.
 * - Terraform runs what destroys only while it is still in the program: destroy it before you take it out.
 * - Terraform runs where it was synthesized, or where the project has the same place beside `cdktf.out`.
 */
export class ManifestRun extends Construct {
  /** Is there once all was applied. */
  readonly apply: TerraformResource;
  /** The environment that it is applied to. */
  readonly environment: string;

  constructor(scope: Construct, id: string, config: ManifestRunConfig) {
    super(scope, id);
    const { destroy = true, dependsOn, provider } = config;
    checkOptions(config, this.node.path, optionNames);
    this.#refuseCommand(config.command);
    const source = sourceOf(this.node.path, config);
    this.#refuseVariables(config);
    const inventory = takeNow(source);
    this.environment = inventory.environmentName;
    if (inventory.isProtected && config.environment === undefined)
      throw this.#refusal(say("cdktf/environment-protected", { environment: this.environment }));
    for (const warning of inventory.warnings) Annotations.of(this).addWarning(warning);
    const plan = config.plan === undefined ? undefined : this.#pin(config.directory, config.plan);
    const project = new RunResource(this, "project", {
      ...(provider ? { provider } : {}),
      ...(dependsOn ? { dependsOn } : {}),
      ...(destroy ? { provisioners: [{ ...this.#run("destroy", config), when: "destroy" }] } : {}),
    });
    this.apply = new RunResource(this, "apply", {
      ...(provider ? { provider } : {}),
      triggers: describeRun(config, inventory, plan),
      dependsOn: [project],
      provisioners: [this.#run("apply", config, plan)],
    });
  }

  #refusal(what: string): Error {
    return new Error(`${this.node.path}: ${what}`);
  }

  #refuseCommand(command: unknown): void {
    const isProgram = Array.isArray(command) && command.length > 0;
    if (command === undefined || (isProgram && command.every((word) => typeof word === "string"))) return;
    throw this.#refusal(say("cdktf/command-not-a-list"));
  }

  #refuseVariables({ variables = {}, destroy = true }: ManifestRunConfig): void {
    for (const [name, value] of textsOf(variables)) {
      if (!/^[^\s=-][^\s=]*$/u.test(name))
        throw this.#refusal(say("cdktf/variable-name", { name: JSON.stringify(name) }));
      const [secret] = findSecrets(value);
      if (secret) throw this.#refusal(say("cdktf/variable-is-secret", { name, what: secret.what }));
      if (destroy && Token.isUnresolved(value))
        throw this.#refusal(say("cdktf/variable-unknown-at-destroy", { name }));
    }
  }

  /** The path of a plan from the project, and the hash of what it holds. */
  #pin(directory: string, plan: string): Pinned {
    const file = resolve(directory, plan);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile())
      throw this.#refusal(say("cdktf/plan-missing", { file }));
    const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
    return { path: toPosix(relative(resolve(directory), file)), sha256 };
  }

  /** No shell comes between: every argument gets to cozeform as it is. */
  #run(command: "apply" | "destroy", config: ManifestRunConfig, plan?: Pinned): LocalExecProvisioner {
    const { environment, variables = {}, command: program = ["npx", "--no", "cozeform"] } = config;
    const args = [
      command,
      "--auto-approve",
      ...["-e", this.environment],
      ...(environment === undefined ? [] : ["--confirm-environment", environment]),
      ...textsOf(variables).flatMap(([name, value]) => ["--var", `${name}=${value}`]),
      ...(plan ? ["--plan-sha256", plan.sha256, plan.path] : answersOf(config)),
    ];
    return {
      type: "local-exec",
      interpreter: [...program, ...args].map(asTemplate),
      command: ".",
      workingDir: asTemplate(this.#fromStack(config.directory)),
    };
  }

  /** The way from where Terraform runs, so that what is synthesized names no path of a machine. */
  #fromStack(directory: string): string {
    const { outdir, manifest } = App.of(this);
    const { workingDirectory } = manifest.forStack(TerraformStack.of(this));
    return toPosix(relative(join(outdir, workingDirectory), resolve(directory)));
  }
}

const answersOf = ({ allowOwnershipTransfer, confirmRemovals }: ManifestRunConfig): readonly string[] => [
  ...(allowOwnershipTransfer ? ["--allow-ownership-transfer"] : []),
  ...(confirmRemovals === undefined ? [] : ["--confirm-removals", String(confirmRemovals)]),
];

interface RunResourceConfig extends TerraformMetaArguments {
  /** Others replace it. */
  readonly triggers?: { readonly [name: string]: string };
}

/** What Terraform runs commands for: its own `terraform_data`, or the null provider's resource where one is given. */
class RunResource extends TerraformResource {
  readonly #attributes: { [name: string]: object };

  constructor(scope: Construct, id: string, { triggers, ...meta }: RunResourceConfig) {
    const generator = meta.provider && { terraformGeneratorMetadata: { providerName: "null" } };
    super(scope, id, {
      terraformResourceType: meta.provider ? "null_resource" : "terraform_data",
      ...generator,
      ...meta,
    });
    this.#attributes = triggers ? { [meta.provider ? "triggers" : "triggers_replace"]: triggers } : {};
  }

  protected override synthesizeAttributes(): { [name: string]: object } {
    return this.#attributes;
  }
}

/** A plan by its path from the project, and its content. */
interface Pinned {
  readonly path: string;
  readonly sha256: string;
}

function takeNow(source: Source): Inventory {
  const found = waitFor<Awaited<ReturnType<typeof takeInventory>>>(
    { module: "manifests/project-snapshot", name: "takeInventory" },
    source,
  );
  if ("inventory" in found) return found.inventory;
  throw new InvalidManifests(source.directory, found.refusal.text, found.refusal.diagnostics);
}

/** All that decides what an apply does: the hash of each file by its path, and what is given beside them. */
function describeRun(
  { variables = {} }: ManifestRunConfig,
  { environmentName, digests }: Inventory,
  plan: Pinned | undefined,
): { [key: string]: string } {
  const described = {
    ...Object.fromEntries(Object.entries(digests).map(([file, digest]) => [`file:${file}`, digest])),
    environment: environmentName,
    ...Object.fromEntries(textsOf(variables).map(([name, value]) => [`var:${name}`, value])),
    ...(plan ? { plan: plan.sha256 } : {}),
  };
  return Object.fromEntries(Object.entries(described).map((entry) => entry.map(asTemplate)));
}

const toPosix = (path: string): string => path.split(sep).join("/");
