/** What is said on the page to which an action leads. */
export const done = {
  subscribed:
    "The offer is accepted. AWS makes the license ready, which takes it a minute at most. Now set up your account with the seller.",
  "opted-in": "AWS has opted the listing in to Concurrent Agreements.",
  replaced: "The replacement offer is accepted: this agreement took the place of the one before, at once.",
  renewed: "Renewed: this agreement goes on where the one before stopped.",
  amended: "The quantities are changed. AWS tells the seller to look again.",
  "renewal-on": "The agreement will renew by itself.",
  "renewal-off": "The agreement will not renew: it ends with its term.",
  cancelled:
    "Cancelled. AWS takes usage for an hour more, so that the seller can report the last of it, and none after.",
  terminated: "AWS has ended the agreement, as it does when a buyer no longer pays.",
  suspended:
    "AWS has suspended the buyer's account: usage of all its agreements is answered CustomerNotSubscribed.",
  reinstated: "AWS has reinstated the buyer's account: usage is taken again.",
  "clock-changed": "Time has moved on, and never goes back. AWS sends what has become due.",
  "fault-added": "Added. It strikes from now on.",
  "fault-taken-back": "Taken back. It strikes no more.",
  "faults-cleared": "Nothing goes wrong any more.",
  "chaos-on": "Chaos is on: everything that passes by itself goes wrong now and then, at once.",
  "chaos-off": "Chaos is off.",
} as const;

export const isDone = (what: string): what is keyof typeof done => Object.hasOwn(done, what);
