import { createHash } from "node:crypto";

/** A CloudFormation template, as far as the kit writes one. */
export interface Template {
  readonly AWSTemplateFormatVersion: "2010-09-09";
  readonly Description: string;
  readonly Metadata: { readonly Tollhouse: Readonly<Record<string, string | number>> };
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, Output>>;
}

export interface Resource {
  readonly Type: string;
  readonly DependsOn?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

export interface Output {
  readonly Description: string;
  readonly Value: unknown;
}

/** CloudFormation takes so many bytes with the request, and up to 1 MB from a bucket ("CloudFormation quotas"). */
export const maxInlineBytes = 51_200;

/** In one template (the same page). */
export const maxResources = 500;

/** The template as it is written to a file: the same template gives the same bytes. */
export const textOf = (template: Template): string => `${JSON.stringify(template, undefined, 2)}\n`;

/** Of a template in which the digest's places are empty; 64 bits tell one configuration's template from another's. */
export const digestOf = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 16);
