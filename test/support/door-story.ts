import type { ProviderInterface } from "../../src/terraform/provider/provider-interface.ts";
import { serveDoors } from "./provider-server.ts";
import type { Files } from "./story.ts";
import { closeAfterwards, layOut } from "./terraform-directory.ts";

/** A provider that this very process serves: `toy` is `cozeform/toy` for Terraform. */
export interface Provided {
  readonly name: string;
  /** Called for each process that Terraform believes to start. */
  create(): ProviderInterface;
}

/** Serves a provider until the test ends; the environment that leads Terraform to it. */
export async function serveProvider({ name, create }: Provided): Promise<{ TF_REATTACH_PROVIDERS: string }> {
  const { address, close } = await serveDoors(create);
  closeAfterwards(close);
  const place = { Protocol: "grpc", ProtocolVersion: 6, Pid: process.pid, Test: true, Addr: address };
  return { TF_REATTACH_PROVIDERS: JSON.stringify({ [`registry.terraform.io/cozeform/${name}`]: place }) };
}

/** A directory where the real terraform runs with any door as its provider. */
export async function createDoorStory(given: { readonly files: Files; readonly provider: Provided }) {
  const env = await serveProvider(given.provider);
  return layOut({ provider: given.provider.name, files: given.files, env, requests: () => [] });
}
