import type * as z from "zod";
import { chaos, chaosName } from "../../rules/fault/chaos.ts";
import type { Fault, Faults } from "../../rules/fault/fault.ts";
import type { World } from "../world.ts";
import type { faultAsked } from "./fault-request.ts";

type Asked = z.output<typeof faultAsked>;

const fresh = (asked: Asked): Fault => ({ ...asked, struck: 0 });

function set(world: World, faults: Faults): Faults {
  world.apply([{ kind: "faults-set", faults }]);
  return faults;
}

const without = ({ state }: World, name: string) => state.faults.rules.filter((rule) => rule.name !== name);

/** These faults and no others, drawn from the start of the seed. */
export const setFaults = (world: World, rules: readonly Asked[], seed = world.state.seed): Faults =>
  set(world, { seed, drawn: 0, rules: rules.map(fresh) });

export const addFault = (world: World, asked: Asked): Faults =>
  set(world, { ...world.state.faults, rules: [...world.state.faults.rules, fresh(asked)] });

export const takeBack = (world: World, name: string): Faults =>
  set(world, { ...world.state.faults, rules: without(world, name) });

/** Whoever asked for single faults before meets them first. */
export function beginChaos(world: World, seed?: string): Faults {
  const draws = seed === undefined ? world.state.faults : { seed, drawn: 0 };
  return set(world, { ...world.state.faults, ...draws, rules: [...without(world, chaosName), ...chaos()] });
}
