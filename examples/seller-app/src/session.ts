import { randomBytes } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Tenant, Tenants } from "./tenant.ts";

const cookie = "example-session";
const lifeSeconds = 8 * 3_600;
/** So many people may be in at once; who was in longest goes first. */
const mostSessions = 10_000;

/** Who is in which workspace, in memory. */
export class Sessions {
  private readonly all = new Map<string, Tenant>();
  private readonly tenants: Tenants;

  constructor(tenants: Tenants) {
    this.tenants = tenants;
  }

  open(context: Context, tenant: Tenant): void {
    const id = randomBytes(32).toString("base64url");
    this.all.set(id, tenant);
    for (const oldest of this.all.keys()) {
      if (this.all.size <= mostSessions) break;
      this.all.delete(oldest);
    }
    const secure = new URL(context.req.url).protocol === "https:";
    setCookie(context, cookie, id, {
      httpOnly: true,
      sameSite: "Lax",
      path: "/",
      secure,
      maxAge: lifeSeconds,
    });
  }

  of(context: Context): Tenant | undefined {
    const tenant = this.all.get(getCookie(context, cookie) ?? "");
    return tenant !== undefined && this.tenants.has(tenant) ? tenant : undefined;
  }

  close(context: Context): void {
    this.all.delete(getCookie(context, cookie) ?? "");
    deleteCookie(context, cookie, { path: "/" });
  }
}
