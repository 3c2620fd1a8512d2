import type { CallLog } from "../call-log.ts";
import type { Delivery } from "../delivery.ts";
import type { SellerAccount } from "../seller-account.ts";
import type { World } from "../world.ts";

/** What the control API works on. */
export interface Control {
  readonly world: World;
  readonly delivery: Delivery;
  readonly calls: CallLog;
  readonly account: SellerAccount;
  /** Called after a change that the world does not see itself, such as the clock's. */
  readonly onChange: () => void;
}
