import type { ProviderDiagnostic } from "../../provider/provider-interface.ts";
import { InexactNumber } from "../../values/codec.ts";
import {
  complainOfBug,
  complainOfNumber,
  type DiagnosticMessage,
  toDiagnostic,
} from "./diagnostic-messages.ts";
import type { ObjectForm } from "./object-form.ts";

/** What a call comes to: the message without its diagnostics, and what to tell the user. */
interface CallResult<Body> {
  readonly complaints: readonly ProviderDiagnostic[];
  readonly body: Body;
}

/** One call of Terraform's. */
interface Call<Body> {
  /** What it asks for, after "failed to". */
  readonly what: string;
  /** Of the objects that it is about; undefined when there is no such type. */
  readonly form: ObjectForm | undefined;
  /** What is answered beside the diagnostics when it goes wrong. */
  readonly otherwise: Body;
  run(form: ObjectForm): Promise<CallResult<Body>>;
}

/** Does what a call asks. It never throws: what went wrong is told to the user, without a stack. */
export async function respond<Body extends object>({
  what,
  form,
  otherwise,
  run,
}: Call<Body>): Promise<Body & { readonly diagnostics: DiagnosticMessage[] }> {
  const tell = (complaints: readonly ProviderDiagnostic[]) =>
    complaints.map((complaint) => toDiagnostic(complaint, form?.type ?? "dynamic"));
  try {
    if (!form) throw new Error("the provider has no such type");
    const { complaints, body } = await run(form);
    return { ...body, diagnostics: tell(complaints) };
  } catch (error) {
    const complaint = error instanceof InexactNumber ? complainOfNumber(error) : complainOfBug(what, error);
    return { ...otherwise, diagnostics: tell([complaint]) };
  }
}
