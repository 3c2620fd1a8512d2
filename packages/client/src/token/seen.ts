/** Remembers which tokens were used, in this process: with several, a token may be used once in each. */
export function rememberTokens(now: () => number = Date.now): (tokenId: string, expiresAt: Date) => boolean {
  const used = new Map<string, number>();
  return (tokenId, expiresAt) => {
    // They come in about the order in which they expire.
    for (const [id, until] of used) {
      if (until > now()) break;
      used.delete(id);
    }
    const isSeen = used.has(tokenId);
    used.set(tokenId, expiresAt.getTime());
    return isSeen;
  };
}
