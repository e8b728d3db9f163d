import { explain } from "../../messages/text.ts";
import { BadRequest, CozeError, NotFound } from "../error-classes.ts";
import { type Operation, operations, type Send } from "./operation.ts";

/** An operation that both Coze and Coze Studio have: https://github.com/coze-dev/coze-studio. */
const common = "list_dataset";

/**
 * Whether a call may have failed because the server doesn't have it, as Coze Studio has only some: no object is missing,
 * the server isn't Coze's, and no path in the endpoint explains it.
 */
export function mayBeStudio(error: CozeError, { name }: Operation, baseUrl: string): boolean {
  if (error.httpStatus !== 404 || error instanceof NotFound || name === common) return false;
  const { hostname, pathname } = new URL(baseUrl);
  return pathname === "/" && !/\.coze\.(?:cn|com)$/u.test(hostname);
}

/**
 * Whether a server that lacks an operation of Coze's API is a Coze Studio: it answers a call that both have, with
 * whatever code. Makes one call.
 */
export async function recogniseStudio(send: Send): Promise<boolean> {
  const operation = operations.get(common);
  if (!operation) return false;
  try {
    // One attempt is enough: the answer only chooses the words of an error.
    await send({ ...operation, polled: true }, { query: { space_id: "1", page_num: 1, page_size: 1 } });
    return true;
  } catch (error) {
    return (
      error instanceof CozeError &&
      error.code !== undefined &&
      (error instanceof NotFound || error.httpStatus !== 404)
    );
  }
}

/** The error for an operation that Coze Studio lacks. */
export const explainStudio = ({ operation, httpStatus, logid }: CozeError): BadRequest => {
  const { message, hint } = explain("coze/studio");
  return new BadRequest(message, { operation, outcome: "none", httpStatus, logid, hint });
};
