import { Hono } from "hono";
import { optIn } from "../../rules/agreement/opt-in.ts";
import { asListed, type Listing } from "../../rules/listing.ts";
import type { Control } from "./control.ts";
import { settle } from "./settle.ts";

const view = ({ code, id, title, generation, pricing, dimensions, optedInAtMs }: Listing) => ({
  productCode: code,
  productId: id,
  title,
  generation,
  pricing,
  dimensions,
  optedInAt: optedInAtMs === null ? null : new Date(optedInAtMs).toISOString(),
});

/** What is sold, and what AWS's people do to a listing when they are asked. */
export function productRoutes(control: Control): Hono {
  const { world } = control;
  const { catalogue, state } = world;
  const routes = new Hono();
  routes.get("/", (context) =>
    context.json({ products: catalogue.products.map((product) => view(asListed(state, product))) }),
  );
  routes.post("/:code/opt-in", (context) =>
    context.json(view(settle(control, optIn(catalogue, state, context.req.param("code"), world.nowMs())))),
  );
  return routes;
}
