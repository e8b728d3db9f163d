import { runProvider } from "../../../src/terraform/protocol/rpc/program.ts";
import { createService } from "../../../src/terraform/protocol/service/service.ts";
import { createToyDoor } from "../../support/toy-door.ts";

// Bundled, this is a program of its own.
runProvider(process, async () => {
  // biome-ignore lint/suspicious/noConsole: it stands for a library that talks.
  console.log("a library that talks");
  return {
    ...createService(createToyDoor().door),
    renewEphemeralResource: async ({ private: kept }) => ({ private: kept }),
    closeEphemeralResource: async ({ typeName }) => {
      throw new RangeError(`${typeName} can't be closed`);
    },
  };
});
