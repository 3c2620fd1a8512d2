import { html, raw } from "hono/html";
import type { Dimension } from "../../rules/catalogue.ts";
import type { Form } from "./form.ts";
import { dimensionTitle } from "./listing-words.ts";
import type { Html } from "./wording.ts";

interface Field {
  readonly label: string;
  readonly name: string;
  readonly value?: string | undefined;
  readonly type?: "text" | "date" | "number";
  readonly hint?: string | undefined;
  /** Of a whole page: a field of the same name may stand in two forms. */
  readonly id?: string;
  readonly placeholder?: string;
}

/** A labelled input. */
export function field({ id, label, name, value = "", type = "text", hint, ...rest }: Field): Html {
  const own = id ?? name;
  return html`<div class="field">
    <label for="${own}">${label}</label>
    <input
      ${raw(type === "number" ? 'min="0" step="1" inputmode="numeric"' : "")}
      ${raw(type === "text" ? 'autocomplete="off"' : "")}
      id="${own}"
      name="${name}"
      type="${type}"
      value="${value}"
      ${rest.placeholder === undefined ? "" : html`placeholder="${rest.placeholder}"`}
      ${hint === undefined ? "" : html`aria-describedby="${own}-hint"`}
    />
    ${hint === undefined ? "" : html`<small id="${own}-hint">${hint}</small>`}
  </div>`;
}

interface Choice {
  readonly label: string;
  readonly name: string;
  readonly value?: string | undefined;
  readonly hint: string;
  /** Values, with what a person reads for each. */
  readonly options: readonly (readonly [value: string, text: string])[];
}

/** One of several values. */
export const choice = ({ label, name, value, hint, options }: Choice): Html =>
  html`<div class="field">
    <label for="${name}">${label}</label>
    <select id="${name}" name="${name}" aria-describedby="${name}-hint">
      ${options.map(
        ([each, text]) =>
          html`<option value="${each}" ${raw(each === value ? "selected" : "")}>${text}</option>`,
      )}
    </select>
    <small id="${name}-hint">${hint}</small>
  </div>`;

interface Box {
  readonly label: string;
  readonly name: string;
  readonly value?: string;
  readonly type?: "checkbox" | "radio";
  readonly checked: boolean;
  readonly hint?: string;
}

/** A box to tick, or one of several to choose from. */
export const box = ({ label, name, value = "on", type = "checkbox", checked, hint }: Box): Html =>
  html`<label class="box">
    <input type="${type}" name="${name}" value="${value}" ${raw(checked ? "checked" : "")} />
    <span>${label}${hint === undefined ? "" : html` <small>${hint}</small>`}</span>
  </label>`;

/** How many of each dimension that is sold in advance. */
export const quantityFields = (
  dimensions: readonly Dimension[],
  values: Form,
  idPrefix = "",
): readonly Html[] =>
  dimensions.map((dimension) =>
    field({
      id: `${idPrefix}quantity-${dimension.key}`,
      label: dimensionTitle(dimension),
      name: quantityName(dimension.key),
      type: "number",
      value: values[quantityName(dimension.key)],
    }),
  );

export const quantityName = (key: string): string => `quantity:${key}`;

/** A button that does one thing, with nothing to fill in. */
export const action = (path: string, label: string, kind: "" | "primary" | "danger" = ""): Html =>
  html`<form method="post" action="${path}"><button class="${kind}">${label}</button></form>`;
