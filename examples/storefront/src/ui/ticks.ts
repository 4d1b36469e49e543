/** Round numbers for an axis that has 0 and all values; whole numbers if the values are whole. */
export function ticks(values: number[], count: number): number[] {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const least = values.every(Number.isInteger) ? 1 : 0;
  const step = Math.max(least, roundUp((high - low) / count));
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step));
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

/** To the next 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  const factor = [1, 2, 5].find((candidate) => candidate * power >= value) ?? 10;
  return factor * power;
}
