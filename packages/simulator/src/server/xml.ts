import { randomUUID } from "node:crypto";

export const escaped = (text: string): string =>
  text.replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** An answer of the Query protocol; `result` is XML already. */
export const queryAnswer = (namespace: string, action: string, result: string): string =>
  `<${action}Response xmlns="${namespace}"><${action}Result>${result}</${action}Result>` +
  `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`;

/** A refusal of the Query protocol. */
export const queryError = (namespace: string, code: string, message: string): string =>
  `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${escaped(code)}</Code>` +
  `<Message>${escaped(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`;

/** Elements of the same parent, by name; those without a value are left out. */
export const elements = (values: Readonly<Record<string, string | boolean | undefined>>): string =>
  Object.entries(values)
    .map(([name, value]) => (value === undefined ? "" : `<${name}>${escaped(String(value))}</${name}>`))
    .join("");

/** A list as the Query protocol writes it. */
export const list = (name: string, members: readonly string[]): string =>
  `<${name}>${members.map((member) => `<member>${member}</member>`).join("")}</${name}>`;
