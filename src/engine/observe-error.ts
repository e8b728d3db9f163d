import type { Location } from "../core/diagnostic.ts";
import type { Failure } from "../core/failure.ts";
import type { Kind, Place } from "../kind/kind.ts";
import { holderOf, type ObservationSession } from "./observation-session.ts";

/** A look at Coze that failed, and for the sake of which resource it was made. */
export class ObserveError extends Error {
  override readonly name = "LookFailed";
  readonly failure: Failure;
  readonly hint: string | undefined;
  /** The resource, or where the token is that Coze doesn't take. */
  readonly subject: string | undefined;
  readonly at: Location | undefined;

  constructor(failure: Failure, about: About, cause: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
    this.hint = failure.hint;
    this.subject = about.subject;
    this.at = about.at;
  }
}

interface About {
  readonly subject?: string | undefined;
  readonly at?: Location | undefined;
}

/** Reads an object that is remembered, or may be taken over. */
export async function lookAt<Api, T>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  { id }: Place,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const address = addressOf(look, kind.name, id);
    const wanted = look.desired.find((one) => one.address === address);
    throw fail(look, kind, error, { subject: address, at: wanted?.at }, address);
  }
}

/** The failure of a listing: told of the first resource that is wanted there. */
export function failListing<Api>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  parent: string | undefined,
  error: unknown,
): ObserveError {
  const wanted = look.desired.find((one) => one.kind === kind.name && holderOf(look, kind, one) === parent);
  const at = kind.parent === undefined ? wanted?.at : wanted?.locate([kind.parent]);
  const field = kind.parent === undefined ? undefined : kind.fields[kind.parent];
  const holder = field?.type === "ref" && parent !== undefined && addressOf(look, field.kind, parent);
  return fail(look, kind, error, { subject: wanted?.address, at }, holder || undefined);
}

function addressOf<Api>(look: ObservationSession<Api>, kind: string, id: string): string | undefined {
  return [...look.sight.entries].find(([, entry]) => entry.kind === kind && entry.id === id)?.[0];
}

/** `remembered`: the object that may be gone. */
function fail<Api>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  error: unknown,
  about: About,
  remembered: string | undefined,
): ObserveError {
  const failure = look.engine.provider.explain(error);
  if (failure.signIn) {
    const { source, at } = look.engine.signIn(kind);
    return new ObserveError(failure, { subject: source, at }, error);
  }
  const forget = `if ${remembered} was deleted in Coze's pages, forget it with "cozeform state rm ${remembered}"`;
  const hints = [failure.hint, failure.maybeGone && remembered !== undefined ? forget : undefined];
  const hint = hints.filter(Boolean).join("; ");
  return new ObserveError(hint === "" ? failure : { ...failure, hint }, about, error);
}
