/** What answers of several kinds say in words. */
import type { Said } from "./index";

/** What is said of some classes only: "a, not b, c 70 %". */
export const sharesText = (said: Record<string, unknown>): string =>
  Object.entries(said)
    .map(([name, chance]) =>
      typeof chance === "number"
        ? `${name} ${Math.round(100 * chance)} %`
        : chance === false
          ? `not ${name}`
          : name,
    )
    .join(", ");

/** Whether two values are the same JSON, whatever the order of an object's members. */
export const sameJson = (one: unknown, other: unknown): boolean => plain(one) === plain(other);

/** The value as JSON, the members of objects in one order. */
export const plain = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );

/** Any answer at all, in words. */
export const anyText = (answer: Said): string =>
  typeof answer === "string" ? answer : JSON.stringify(answer);
