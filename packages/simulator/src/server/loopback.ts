/** Names by which this machine calls itself; a page elsewhere may point a name of its own at it, but not one of these. */
const loopbackHost = /^(127\.0\.0\.1|localhost)(:\d+)?$/;

export const isLoopback = (host: string | undefined): boolean => loopbackHost.test(host ?? "");
