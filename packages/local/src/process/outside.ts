import { listen } from "../listen.ts";
import { outsideSite } from "../outside/site.ts";
import { liveWithParent, reportReady } from "./life.ts";

const [port = "0"] = process.argv.slice(2);
const server = await listen(outsideSite(), Number(port));
server.requestTimeout = 10_000;
liveWithParent(() => new Promise<void>((closed) => server.close(() => closed())));
reportReady();
