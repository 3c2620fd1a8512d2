import type { View } from "./output/view.ts";

/** What a command found: the data, as machines get it, and how people are shown it. */
export interface Answer<Data extends object = object> {
  readonly data: Data;
  /** Of the same data with nothing in it that a terminal would obey. */
  readonly text: (data: Data, view: View) => string;
  /** What people asked for to the byte: it alone goes to stdout then, and the text to stderr. */
  readonly raw?: string | undefined;
  /** What was found is not as it should be; the command ends with 1 and shows it all the same. */
  readonly isWrong?: boolean;
}
