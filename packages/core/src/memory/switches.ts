import type { ProductSwitch, SwitchStore } from "../metering/store.ts";

/** What holds products' metering up, in memory. */
export function memorySwitches(): SwitchStore {
  const switches = new Map<string, ProductSwitch>();
  const load = (productCode: string): ProductSwitch => switches.get(productCode) ?? { productCode };
  const change = (
    productCode: string,
    to: (before: ProductSwitch) => Partial<ProductSwitch>,
  ): Promise<void> => {
    const before = load(productCode);
    switches.set(productCode, { ...before, ...to(before) });
    return Promise.resolve();
  };
  const everKnown = new Set<string>();
  return {
    known(productCodes) {
      for (const code of productCodes) everKnown.add(code);
      return Promise.resolve([...everKnown]);
    },
    load: (productCode) => Promise.resolve(structuredClone(load(productCode))),
    pause: (productCode, reason, at) => change(productCode, () => ({ paused: { reason, at } })),
    resume: (productCode) => change(productCode, () => ({ paused: undefined })),
    hold: (productCode, reason, at) =>
      change(productCode, ({ held }) => ({ held: { reason, at: held?.at ?? at } })),
    release: (productCode) => change(productCode, () => ({ held: undefined })),
    rehearse: (productCode, through) =>
      change(productCode, ({ rehearsedThrough: before }) => ({
        rehearsedThrough: before === undefined || before < through ? through : before,
      })),
  };
}
