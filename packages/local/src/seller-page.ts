import type { Configuration } from "@tollhouse/core/configuration/configuration";

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * Where buyers of a local world are handed to. A page on this machine is somebody's own, who tries it; in place of one elsewhere stands
 * a page of ours that shows what it would be handed.
 */
export function sellerPages(
  { registrationPage }: Configuration,
  outsideUrl: string,
  exampleUrl: string | undefined,
) {
  if (exampleUrl !== undefined)
    return { TOLLHOUSE_CONTINUE_URL: `${exampleUrl}/welcome`, TOLLHOUSE_LOGIN_URL: `${exampleUrl}/login` };
  const { continueUrl, loginUrl = continueUrl } = registrationPage;
  const here = (url: string, path: string) =>
    loopback.test(new URL(url).hostname) ? url : `${outsideUrl}/product/${path}`;
  return {
    TOLLHOUSE_CONTINUE_URL: here(continueUrl, "welcome"),
    TOLLHOUSE_LOGIN_URL: here(loginUrl, "login"),
  };
}
