import type { Backend } from "../backend.ts";
import type { BackendContext, BackendSettings } from "./settings.ts";

/** Opens what keeps a state outside this machine, and loads what that needs. Makes no call. */
export async function openBackend(settings: BackendSettings, context: BackendContext): Promise<Backend> {
  switch (settings.type) {
    case "http":
      return (await import("./http.ts")).openHttpBackend(settings, context);
    case "pg":
      return (await import("./pg.ts")).openPgBackend(settings, context);
    case "s3":
      return (await import("./s3.ts")).openS3Backend(settings, context);
  }
}
