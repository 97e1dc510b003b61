/**
 * How deep JSON of unknown origin is nested. Asked before anything walks it by recursion, which would end with the stack.
 */
type Place = { readonly value: unknown; readonly depth: number };

export function isDeeperThan(value: unknown, depthMax: number): boolean {
  const waiting: Place[] = [{ value, depth: 0 }];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (typeof place.value !== 'object' || place.value === null) continue;
    if (place.depth >= depthMax) return true;
    for (const inner of Object.values(place.value)) waiting.push({ value: inner, depth: place.depth + 1 });
  }
  return false;
}
