import { describe, expect, test } from 'vitest';
import { Cover, drape, heightAt, parted, type Mesh, type View } from './hiding';

const square = { xmin: 0, xmax: 1, ymin: 0, ymax: 1 };
const made = (m: number, f: (u: number, v: number) => number): Mesh => ({
  m, heights: Float32Array.from({ length: m * m }, (_, k) => f((k % m) / (m - 1), Math.floor(k / m) / (m - 1))),
});
/** A wall along v = 0.5, as high as the surface gets. */
const wall = made(73, (_, v) => Math.max(0, 1 - 20 * Math.abs(v - 0.5)));

test('heights between the places', () => {
  const plane = made(5, (u, v) => 0.25 * u + 0.5 * v);
  for (const [u, v] of [[0, 0], [1, 1], [0.3, 0.9], [0.51, 0.02]] as const) expect(heightAt(plane, u, v)).toBeCloseTo(0.25 * u + 0.5 * v, 6);
});

const hides = (mesh: Mesh, u: number, v: number, view: View): boolean => {
  const cover = new Cover(mesh);
  cover.stand(view);
  return cover.hides(u, v);
};

describe('what a wall hides', () => {
  // Not turned, the eye is on the side of small v.
  test.each([
    [0.45, 0, 20, 0], [0.55, 0, 20, 1], [0.7, 0, 20, 1], [0.7, 0, 80, 0], [0.7, 0, 90, 0], [0.55, 0, 80, 1],
    [0.7, 180, 20, 0], [0.3, 180, 20, 1], [0.3, 90, 20, 0], [0.7, 90, 20, 0], [0.5, 0, 20, 0],
  ])('v %d, turned %d, tilted %d: %d', (v, turn, tilt, want) => {
    expect(Number(hides(wall, 0.5, v, { turn, tilt }))).toBe(want);
  });
  test('a plane hides nothing of itself', () => {
    for (const f of [() => 0.5, (u: number) => u, (_: number, v: number) => v]) {
      const mesh = made(73, f);
      const d = drape([0, 1, 0.2], [0, 1, 0.9], square, mesh);
      for (const turn of [-170, -35, 0, 60, 120]) expect(d.u.some((u, i) => hides(mesh, u, d.v[i] ?? NaN, { turn, tilt: 70 }))).toBe(false);
    }
  });
});

test('what is known is forgotten when it is turned', () => {
  const cover = new Cover(wall);
  const seen = [0, 180, 0].map((turn) => {
    cover.stand({ turn, tilt: 20 });
    return cover.hides(0.5, 0.55);
  });
  expect(seen).toEqual([true, false, true]);
  expect(cover.hides(NaN, 0)).toBe(false);
});

test('a path follows the surface and leaves it', () => {
  const d = drape([0.5, 0.5, 3, 0.1, 0.1], [0.1, 0.9, 0, 0.1, 0.1], square, wall);
  expect(Math.max(...d.z.filter((z) => z >= 0))).toBeGreaterThan(0.8); // over the wall
  expect(d.at[0]).toBe(0);
  expect(d.at.every((at, i) => i === 0 || at >= (d.at[i - 1] ?? 0))).toBe(true);
  expect(d.u.filter(Number.isNaN)).toHaveLength(1); // outside
  expect(d.at.at(-1)).toBe(4);
  expect(drape([], [], square, wall).u).toEqual([]);
  const stays = drape(new Float64Array(5000).fill(0.5), new Float64Array(5000).fill(0.2), square, wall);
  expect(stays.u.length).toBeLessThan(4);
  expect(stays.at.at(-1)).toBe(4999);
});

test('a line is parted where it goes behind', () => {
  const points = [0, 0, 1, 0, 2, 0, 3, 0, 4, 0];
  expect(parted(points, [false, false, true, false, false])).toEqual({ seen: [NaN, NaN, 0, 0, 1, 0, NaN, NaN, 3, 0, 4, 0], unseen: [NaN, NaN, 1, 0, 2, 0, 3, 0] });
  expect(parted(points, [false, false])).toEqual({ seen: [NaN, NaN, 0, 0, 1, 0], unseen: [] });
  expect(parted([], [])).toEqual({ seen: [], unseen: [] });
});
