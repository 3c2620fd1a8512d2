/** What is not broken: a word, a command between backticks, an instant with its day. */
const unbroken = /`[^`]*`\S*|\S+(?: \d\d:\d\d:\d\dZ\S*)?/g;

/** Words on lines of at most `width`; a word that is longer than a line stands alone and whole, so that ids can be copied. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.match(unbroken) ?? []) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

/** A paragraph in from the left by so many characters; its lines after the first begin under what follows an arrow or a dot. */
export function indented(
  text: string,
  by: number,
  width: number,
  paint: (line: string) => string = (line) => line,
): readonly string[] {
  const hang = /^[→·] /.test(text) ? 2 : 0;
  return wrap(text, width - by - hang).map(
    (line, index) => " ".repeat(index === 0 ? by : by + hang) + paint(line),
  );
}

/** Names and values in two columns; a value goes on under itself. */
export function nameValues(
  pairs: readonly (readonly [name: string, value: string | undefined])[],
  width: number,
): readonly string[] {
  const given = pairs.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [{ name, value }],
  );
  const nameWidth = Math.max(0, ...given.map(({ name }) => name.length)) + 2;
  return given.flatMap(({ name, value }) =>
    wrap(value, width - nameWidth).map((line, index) => (index === 0 ? name : "").padEnd(nameWidth) + line),
  );
}
