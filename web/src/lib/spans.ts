/** Text cut at the highlights that lie on it. */

export interface Mark {
  start: number;
  end: number;
  title: string;
}

export interface Piece {
  text: string;
  /** Who marked it; empty for plain text. */
  titles: string[];
}

/** The text in pieces; marks may overlap, reach outside and come in any order. */
export function pieces(text: string, marks: readonly Mark[]): Piece[] {
  const sound = marks
    .map(({ start, end, title }) => ({
      start: Math.max(0, start),
      end: Math.min(text.length, end),
      title,
    }))
    .filter(({ start, end }) => start < end);
  const edges = [...new Set([0, text.length, ...sound.flatMap(({ start, end }) => [start, end])])];
  edges.sort((one, other) => one - other);
  return edges.slice(0, -1).map((start, place) => {
    const end = edges[place + 1] ?? text.length;
    const over = sound.filter((mark) => mark.start <= start && mark.end >= end);
    return { text: text.slice(start, end), titles: [...new Set(over.map((mark) => mark.title))] };
  });
}
