// A fault here records a box where nobody drew one, off the picture, or of another class.
import { describe, expect, it } from "vitest";
import type { Task } from "../src/annotate";
import {
  drawn,
  found,
  HANDLES,
  held,
  laid,
  middle,
  pulled,
  WHOLE,
  type Place,
} from "../src/annotate/boxes/geometry";
import { boxes, boxesIn, boxText, canonical, colourOf } from "../src/annotate/boxes/kind";

const size = { width: 200, height: 100 };
const place: Place = [20, 10, 60, 50];
const task: Task = {
  classes: [
    { name: "car", key: "c", keys: ["c", "1"] },
    { name: "bus", key: "b", keys: ["b", "2"] },
  ],
  keys: { accept: "Enter", skip: " ", undo: "z", flag: "f", why: "/", help: "?", none: "0" },
};

describe("drawing", () => {
  it("rounds to whole pixels, whichever way it goes", () => {
    const one = { x: 10.4, y: 20.6 };
    const other = { x: 50.5, y: 5.2 };
    expect(drawn(one, other, size)).toEqual([10, 5, 51, 21]);
    expect(drawn(other, one, size)).toEqual([10, 5, 51, 21]);
  });

  it("stays on the picture", () => {
    expect(drawn({ x: -30, y: 40 }, { x: 900, y: 400 }, size)).toEqual([0, 40, 200, 100]);
    expect(drawn({ x: -30, y: 40 }, { x: -5, y: 60 }, size)).toBeNull();
  });

  it("draws nothing where there is no area", () => {
    expect(drawn({ x: 10, y: 10 }, { x: 10.4, y: 50 }, size)).toBeNull();
    expect(drawn({ x: 10, y: 10 }, { x: 50, y: 10 }, size)).toBeNull();
  });

  it("puts a box in the middle of what is seen, even of a single pixel", () => {
    expect(middle([0, 0, 200, 100], size)).toEqual([75, 38, 125, 63]);
    expect(middle([100, 0, 140, 40], size)).toEqual([115, 15, 125, 25]);
    expect(middle([0, 0, 1, 1], { width: 1, height: 1 })).toEqual([0, 0, 1, 1]);
  });
});

describe("moving", () => {
  it("keeps the size, in whole pixels, and stops at the edge", () => {
    expect(pulled(place, WHOLE, 5.4, -2.6, size)).toEqual([25, 7, 65, 47]);
    expect(pulled(place, WHOLE, -500, 500, size)).toEqual([0, 60, 40, 100]);
    expect(pulled([1.5, 2.25, 11.5, 22.25], WHOLE, 1, 0, size)).toEqual([3, 2, 13, 22]);
  });

  it("brings a box onto the picture that lay off it or was larger", () => {
    expect(pulled([190, -20, 260, 400], WHOLE, 0, 0, size)).toEqual([130, 0, 200, 100]);
  });
});

describe("resizing", () => {
  it("has eight handles, each of which moves its own sides", () => {
    const ends = HANDLES.map((grip) => pulled(place, grip, 3, 4, size));
    expect(ends).toEqual([
      [23, 14, 60, 50],
      [20, 14, 60, 50],
      [20, 14, 63, 50],
      [23, 10, 60, 50],
      [20, 10, 63, 50],
      [23, 10, 60, 54],
      [20, 10, 60, 54],
      [20, 10, 63, 54],
    ]);
  });

  it("turns over where a side is pulled past the other", () => {
    expect(pulled(place, { x: -1, y: 0 }, 70, 0, size)).toEqual([60, 10, 90, 50]);
  });

  it("keeps a pixel, and all of it on the picture", () => {
    expect(pulled(place, { x: 1, y: 0 }, -40, 0, size)).toEqual([20, 10, 21, 50]);
    expect(pulled(place, { x: -1, y: 0 }, 40, 0, size)).toEqual([59, 10, 60, 50]);
    expect(pulled([0, 0, 1, 1], { x: 1, y: 1 }, -9, -9, size)).toEqual([0, 0, 1, 1]);
    expect(pulled([199, 0, 200, 9], { x: -1, y: 0 }, 9, 0, size)).toEqual([199, 0, 200, 9]);
    expect(pulled(place, { x: 1, y: 1 }, 999, 999, size)).toEqual([20, 10, 200, 100]);
  });

  it("leaves the sides that nobody pulls as a machine said them", () => {
    expect(pulled([1.25, 2.5, 9.75, 8], { x: 1, y: 0 }, 1, 7, size)).toEqual([1, 2.5, 11, 8]);
  });
});

describe("holding", () => {
  it.each([
    [40, 30, 0, 0],
    [18, 30, -1, 0],
    [62, 30, 1, 0],
    [40, 12, 0, -1],
    [61, 51, 1, 1],
    [19, 48, -1, 1],
  ])("at %i, %i the sides %i, %i", (x, y, left, upper) =>
    expect(held(place, { x, y }, 4)).toEqual({ x: left, y: upper }),
  );

  it("holds nothing further off than the slack", () => {
    expect(held(place, { x: 15, y: 30 }, 4)).toBeNull();
    expect(held(place, { x: 40, y: 55 }, 4)).toBeNull();
  });

  it("leaves room to move a box that is smaller than the slack", () => {
    expect(held([10, 10, 14, 14], { x: 12, y: 12 }, 20)).toEqual(WHOLE);
  });

  it("finds the smallest box at a point", () => {
    const all: Place[] = [[0, 0, 200, 100], [10, 10, 30, 30], place];
    expect(found(all, { x: 25, y: 25 }, 2)).toBe(1);
    expect(found(all, { x: 50, y: 40 }, 2)).toBe(2);
    expect(found(all, { x: 150, y: 90 }, 2)).toBe(0);
    expect(found([place], { x: 150, y: 90 }, 2)).toBe(-1);
  });
});

describe("the answer", () => {
  const car = { label: "car", box: place };
  const bus = { label: "bus", box: [1, 2, 3, 4] as Place };

  it("is in the order of the server: by class, then place as numbers, each box once", () => {
    const left = { label: "car", box: [9, 10, 60, 50] as Place };
    expect(canonical([car, left, bus, { ...car }])).toEqual([bus, left, car]);
    expect(canonical([{ ...car, id: 3 } as typeof car])).toEqual([car]);
  });

  it("is the same in any order, and with no box more", () => {
    expect(boxes.same([car, bus], [bus, car])).toBe(true);
    expect(boxes.same([car, car], [car])).toBe(false);
    expect(boxes.same([], null)).toBe(false);
    expect(boxes.same([car], [{ ...car, box: [20, 10, 60, 51] }])).toBe(false);
  });

  it("is told in few words", () => {
    expect(boxes.text([])).toBe("nothing here");
    expect(boxes.text([car, bus, car])).toBe("2 × car, bus");
    expect(boxes.text("car")).toBe("car");
    expect(boxText(car)).toBe("car, 40 by 40 pixels at 20, 10");
    expect(boxText({ ...car, label: "" })).toContain("no class yet");
  });

  it("has no boxes where something else stands", () => {
    expect(boxesIn([car, "car", { label: "car" }, { label: "car", box: [1, 2] }, null])).toEqual([
      car,
    ]);
    expect(boxesIn({ car: 1 })).toEqual([]);
  });

  it("has keys for classes only where there is something to choose", () => {
    const one = { ...task, classes: task.classes.slice(0, 1) };
    expect(boxes.keys(task).flatMap(({ keys }) => keys)).toContain("c");
    expect(boxes.keys(one).flatMap(({ keys }) => keys)).not.toContain("c");
  });

  it("has a colour of its own for every class, and lies where it belongs", () => {
    expect(colourOf("car", task)).not.toBe(colourOf("bus", task));
    expect(colourOf("gone", task)).toBe("oklch(85% 0 0)");
    expect(laid(place, size)).toBe("left:10%;width:20%;top:10%;height:40%");
    expect(laid([-9, 50, 100, 150], size)).toBe("left:0%;width:50%;top:50%;height:50%");
  });
});
