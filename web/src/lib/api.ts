/** The server's API: typed requests, one kind of error. */
import type { components } from "./openapi";

export type Schemas = components["schemas"];
/** What the kind of the task takes as an answer; null is none, or "cannot tell". */
export type Answer = Schemas["VoteGiven"]["answer"];

/** What the server or the network answered instead of a result. */
export class ApiError extends Error {
  constructor(
    /** The HTTP status; 0 if no answer came. */
    readonly status: number,
    message: string,
    readonly retryAfter: number | null = null,
    /** What kind of problem it is, in the server's words. */
    readonly title: string = "",
  ) {
    super(message);
  }

  /** Whether trying again later, unchanged, may work. */
  get passing(): boolean {
    return this.status === 0 || this.status === 401 || this.status === 429 || this.status >= 500;
  }
}

const BASE = "/api/v1";

/** The result of a request. A body makes it a POST unless `method` says otherwise. */
export async function call<Result>(
  path: string,
  body?: unknown,
  options: { method?: string; signal?: AbortSignal } = {},
): Promise<Result> {
  const method = options.method ?? (body === undefined ? "GET" : "POST");
  const headers: Record<string, string> = { Accept: "application/json" };
  // No other site's page can set this header: the server takes it as proof of where we come from.
  if (method !== "GET") headers["X-Labelwright"] = "1";
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "The server cannot be reached.");
  }
  if (!response.ok) throw await problem(response);
  return (await response.json()) as Result;
}

async function problem(response: Response): Promise<ApiError> {
  let detail = response.statusText || `error ${response.status}`;
  let title = "";
  try {
    const body = (await response.json()) as { detail?: unknown; title?: unknown };
    if (typeof body.title === "string") title = body.title;
    if (typeof body.detail === "string" && body.detail) detail = body.detail;
  } catch {
    // A proxy in between answers in HTML; the status line is all there is to say.
  }
  const after = Number(response.headers.get("Retry-After"));
  const retry = Number.isFinite(after) && after > 0 ? after : null;
  return new ApiError(response.status, detail, retry, title);
}

/** Any error as a sentence for people. */
export function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
