import type { MetEvents } from "@tollhouse/core/metering/store";
import { identityLength } from "@tollhouse/core/usage/identity";

/** An identity and the check of a content, one after the other. */
const digestBytes = identityLength + 4;

export function packDigests(met: MetEvents): Buffer {
  const bytes = Buffer.alloc(met.size * digestBytes);
  let place = 0;
  for (const [identity, check] of met) {
    bytes.write(identity, place, "latin1");
    bytes.writeUInt32BE(check, place + identityLength);
    place += digestBytes;
  }
  return bytes;
}

export function* digestsIn(bytes: Buffer): Generator<readonly [identity: string, check: number]> {
  for (let place = 0; place < bytes.length; place += digestBytes)
    yield [
      bytes.toString("latin1", place, place + identityLength),
      bytes.readUInt32BE(place + identityLength),
    ];
}
