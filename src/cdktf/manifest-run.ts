import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { resource } from "@cdktf/provider-null";
import { App, type ITerraformDependable, type LocalExecProvisioner, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { globSync } from "tinyglobby";

/** Configuration of {@link ManifestRun}. */
export interface ManifestRunConfig {
  /** The project: where `cozeform.yaml` is. A relative path is below the directory of the process. */
  readonly directory: string;
  /** One of the environments of `cozeform.yaml`; its default environment unless given. A protected one is confirmed. */
  readonly environment?: string;
  /** What `${var.NAME}` stands for. No secrets: Terraform keeps them in its state. */
  readonly variables?: { readonly [name: string]: string };
  /** A plan that `cozeform plan --out` saved, below the directory: just that is applied, by this very content. */
  readonly plan?: string;
  /** How cozeform is started: a program and its first arguments. By default the one that `npx` finds. */
  readonly command?: readonly [string, ...string[]];
  /** `false`: what was applied stays as it is when Terraform destroys this. */
  readonly destroy?: boolean;
  /** Lets members be removed, whose resources go to the workspace's owner for good. */
  readonly allowOwnershipTransfer?: boolean;
  /** What must be there before. */
  readonly dependsOn?: ITerraformDependable[];
}

/** What is in a project's directory and isn't part of it. */
const ignored = [
  "**/node_modules/**",
  "**/.git/**",
  "**/.cozeform/**",
  "**/cdktf.out/**",
  "**/.terraform/**",
];

/**
 * Runs `cozeform apply` on a project whenever a file of it changes, and `cozeform destroy` when it is taken away: for
 * places where the provider can't be installed. Terraform knows nothing of what is in the manifests; cozeform keeps its
 * own state in the project's directory, as on a command line, and the token comes from the environment of whoever runs
 * Terraform.
 *
 *     new ManifestRun(this, "desk", { directory: "manifests", environment: "prod" });
 *
 * These are two `null_resource`s: `apply` is replaced, and with that run again, when the hash of a file, the
 * environment, a variable or the plan changes, and after a failed run; `project` stays whatever changes, and destroys
 * when it goes. Needs a `NullProvider` of `@cdktf/provider-null` in the stack.
 */
export class ManifestRun extends Construct {
  /** Depends on all that was applied. */
  readonly apply: resource.Resource;

  /** Throws when there is no `cozeform.yaml` or no plan. */
  constructor(scope: Construct, id: string, config: ManifestRunConfig) {
    super(scope, id);
    const { directory, destroy = true, dependsOn } = config;
    if (!existsSync(join(directory, "cozeform.yaml")))
      throw new Error(
        `${this.node.path}: there is no cozeform.yaml in ${directory}: name a project's directory`,
      );
    const project = new resource.Resource(this, "project", {
      ...(dependsOn ? { dependsOn } : {}),
      ...(destroy ? { provisioners: [{ ...this.#run("destroy", config), when: "destroy" }] } : {}),
    });
    this.apply = new resource.Resource(this, "apply", {
      triggers: describeRun(config),
      dependsOn: [project],
      provisioners: [this.#run("apply", config)],
    });
  }

  /** No shell comes between: every argument gets to cozeform as it is. */
  #run(command: "apply" | "destroy", config: ManifestRunConfig): LocalExecProvisioner {
    const { environment, variables = {}, command: program = ["npx", "--no", "cozeform"] } = config;
    const plan = command === "apply" ? config.plan : undefined;
    const args = [
      command,
      "--auto-approve",
      ...(environment === undefined ? [] : ["-e", environment, "--confirm-environment", environment]),
      ...Object.entries(variables).flatMap(([name, value]) => ["--var", `${name}=${value}`]),
      ...(config.allowOwnershipTransfer ? ["--allow-ownership-transfer"] : []),
      ...(plan === undefined ? [] : ["--plan-sha256", digestOf(resolve(config.directory, plan)), plan]),
    ];
    return {
      type: "local-exec",
      interpreter: [...program, ...args],
      command: ".",
      workingDir: this.#fromStack(config.directory),
    };
  }

  /** The way from where Terraform runs, so that what is synthesized names no path of a machine. */
  #fromStack(directory: string): string {
    const { outdir } = App.of(this);
    const stack = join(outdir, "stacks", TerraformStack.of(this).node.id);
    return relative(stack, resolve(directory)).split(sep).join("/");
  }
}

/** All that decides what an apply does: the hash of each file by its path, and what is given beside them. */
function describeRun({ directory, environment, variables = {}, plan }: ManifestRunConfig): {
  [key: string]: string;
} {
  const files = globSync("**", { cwd: directory, ignore: ignored, dot: true }).sort();
  return {
    ...Object.fromEntries(files.map((file) => [`file:${file}`, digestOf(join(directory, file))])),
    ...(environment === undefined ? {} : { environment }),
    ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`var:${name}`, value])),
    ...(plan === undefined ? {} : { plan: digestOf(resolve(directory, plan)) }),
  };
}

function digestOf(file: string): string {
  if (!existsSync(file)) throw new Error(`there is no ${file}: make it with cozeform plan --out`);
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
