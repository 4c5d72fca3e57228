/** Numbers, shares and times as people read them. */
import type { Schemas } from "./api";

const whole = new Intl.NumberFormat("en");

export const count = (value: number): string => whole.format(Math.round(value));

export const counted = (value: number, noun: string): string =>
  `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

export const percent = (share: number | null | undefined, digits = 1): string =>
  share === null || share === undefined || Number.isNaN(share)
    ? "–"
    : `${(100 * share).toFixed(digits)} %`;

export const money = (usd: number): string => `$${usd.toFixed(2)}`;

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  return minutes < 90 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}

export function interval(found: Schemas["Interval"], digits = 1): string {
  if (found.value === null || found.value === undefined) return "–";
  const ends =
    found.low === null || found.low === undefined || found.high === null || found.high === undefined
      ? ""
      : ` (${(100 * found.low).toFixed(digits)}–${(100 * found.high).toFixed(digits)})`;
  return percent(found.value, digits) + ends;
}

export const when = (seconds: number | null): string =>
  seconds === null
    ? ""
    : new Date(seconds * 1000).toLocaleString(undefined, {
        dateStyle: "medium",
        timeStyle: "short",
      });

/** A field's value as text; objects as JSON. */
export const fieldText = (value: unknown): string =>
  value === null || value === undefined
    ? ""
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);

/** What an item is about, on one line: its main text first, then its other fields, if it is no picture. */
export function shortText(
  content: Schemas["Content"],
  main: string | null,
  longest: number,
): string {
  const shown = Object.entries(content.fields).filter(([name]) => main === null || name === main);
  const others = content.media || main === null ? [] : besides(content, main);
  return (
    [...shown, ...others]
      .map(([, value]) => fieldText(value))
      .filter((text) => text !== "")
      .join(" · ")
      .slice(0, longest) || content.id
  );
}

/** The fields other than the main text, in order. */
export const besides = (content: Schemas["Content"], main: string | null): [string, unknown][] =>
  Object.entries(content.fields).filter(([name]) => name !== main);
