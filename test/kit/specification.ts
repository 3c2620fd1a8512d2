import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import type { Property, PropertyType, Resource } from "@aws-cdk/service-spec-types";

/**
 * Holds a template against AWS's own CloudFormation resource specification, offline: types of resources, names of properties,
 * those that are required, and what each may hold. What only a deployment shows (names taken, permissions, quotas) it cannot know.
 */
const database = loadAwsServiceSpecSync();

type Json = Readonly<Record<string, unknown>>;

const sections = ["AWSTemplateFormatVersion", "Description", "Metadata", "Resources", "Outputs"];
const resourceKeys = ["Type", "DependsOn", "Properties"];
const intrinsics = ["Ref", "Fn::GetAtt"];

/** What CloudFormation would not accept, each with its place; the kit uses few of its features, and any other counts as a problem. */
export function problemsOf(template: unknown): readonly string[] {
  if (!isObject(template)) return ["the template is no object"];
  const resources = isObject(template["Resources"]) ? template["Resources"] : {};
  return [
    ...unknownKeys("", template, sections),
    ...(Object.keys(resources).length === 0 ? ["Resources: is empty"] : []),
    ...Object.entries(resources).flatMap(([name, resource]) => problemsOfResource(name, resource, resources)),
    ...Object.entries(isObject(template["Outputs"]) ? template["Outputs"] : {}).flatMap(([name, output]) =>
      isObject(output)
        ? [
            ...unknownKeys(`Outputs.${name}`, output, ["Description", "Value"]),
            ...problemsOfReferences(`Outputs.${name}`, output, resources),
          ]
        : [`Outputs.${name}: is no object`],
    ),
  ];
}

function problemsOfResource(name: string, resource: unknown, resources: Json): readonly string[] {
  const at = `Resources.${name}`;
  if (!/^[A-Za-z0-9]{1,255}$/.test(name)) return [`${at}: is no logical name: letters and digits only`];
  if (!isObject(resource)) return [`${at}: is no object`];
  const specified = specificationOf(resource["Type"]);
  if (specified === undefined) return [`${at}.Type: AWS knows no ${String(resource["Type"])}`];
  const dependsOn = resource["DependsOn"];
  return [
    ...unknownKeys(at, resource, resourceKeys),
    ...(dependsOn === undefined || (typeof dependsOn === "string" && dependsOn in resources)
      ? []
      : [`${at}.DependsOn: names no resource`]),
    ...problemsOfProperties(`${at}.Properties`, resource["Properties"] ?? {}, specified.properties),
    ...problemsOfReferences(at, resource, resources),
  ];
}

const specificationOf = (type: unknown): Resource | undefined =>
  typeof type === "string" ? database.lookup("resource", "cloudFormationType", "equals", type)[0] : undefined;

function problemsOfProperties(
  at: string,
  value: unknown,
  properties: Readonly<Record<string, Property>>,
): readonly string[] {
  if (!isObject(value)) return [`${at}: is no object`];
  return [
    ...unknownKeys(at, value, Object.keys(properties)),
    ...Object.entries(properties).flatMap(([name, { required, type }]) => {
      const held = value[name];
      if (held === undefined) return required === true ? [`${at}.${name}: is required`] : [];
      return problemsOfValue(`${at}.${name}`, held, type);
    }),
  ];
}

function problemsOfValue(at: string, value: unknown, type: PropertyType): readonly string[] {
  // Whatever it stands for is looked at where references are.
  if (isReference(value)) return type.type === "json" ? [`${at}: is a reference, not a document`] : [];
  const unless = (isRight: boolean) => (isRight ? [] : [`${at}: is no ${type.type}`]);
  switch (type.type) {
    case "string":
      if (typeof value !== "string") return unless(false);
      return type.allowedValues?.includes(value) === false
        ? [`${at}: is none of ${type.allowedValues.join(", ")}`]
        : [];
    case "date-time":
      return unless(typeof value === "string");
    case "number":
      return unless(typeof value === "number");
    case "integer":
      return unless(Number.isInteger(value));
    case "boolean":
      return unless(typeof value === "boolean");
    case "null":
      return unless(value === null);
    case "json":
      return unless(isObject(value));
    case "tag":
      return isObject(value)
        ? [
            ...unknownKeys(at, value, ["Key", "Value"]),
            ...["Key", "Value"].flatMap((key) =>
              typeof value[key] === "string" ? [] : [`${at}.${key}: is no string`],
            ),
          ]
        : unless(false);
    case "array":
      return Array.isArray(value)
        ? value.flatMap((each: unknown, index) => problemsOfValue(`${at}[${index}]`, each, type.element))
        : unless(false);
    case "map":
      return isObject(value)
        ? Object.entries(value).flatMap(([key, each]) => problemsOfValue(`${at}.${key}`, each, type.element))
        : unless(false);
    case "ref":
      return problemsOfProperties(at, value, database.get("typeDefinition", type.reference).properties);
    case "union": {
      const tried = type.types.map((one) => problemsOfValue(at, value, one));
      return tried.some((problems) => problems.length === 0)
        ? []
        : [`${at}: is no ${type.types.map((one) => one.type).join(" or ")}`];
    }
  }
}

/** Every Ref and Fn::GetAtt, however deep, names a resource of the template and something that it has. */
function problemsOfReferences(at: string, value: unknown, resources: Json): readonly string[] {
  if (Array.isArray(value))
    return value.flatMap((each: unknown, index) => problemsOfReferences(`${at}[${index}]`, each, resources));
  if (!isObject(value)) return [];
  if (isReference(value)) return problemsOfReference(at, value, resources);
  return Object.entries(value).flatMap(([key, each]) => [
    ...(key.startsWith("Fn::") ? [`${at}: ${key} is no function that the kit uses`] : []),
    ...problemsOfReferences(`${at}.${key}`, each, resources),
  ]);
}

function problemsOfReference(at: string, reference: Json, resources: Json): readonly string[] {
  const { Ref: name = "", "Fn::GetAtt": got } = reference;
  if (got === undefined)
    return typeof name === "string" && name in resources ? [] : [`${at}: Ref names no resource`];
  const [resource, attribute] = Array.isArray(got) ? (got as readonly unknown[]) : [];
  const target = typeof resource === "string" ? resources[resource] : undefined;
  const attributes = specificationOf(isObject(target) ? target["Type"] : undefined)?.attributes ?? {};
  return typeof attribute === "string" && attribute in attributes
    ? []
    : [`${at}: Fn::GetAtt names no attribute of a resource`];
}

const isReference = (value: unknown): value is Json => {
  const keys = isObject(value) ? Object.keys(value) : [];
  return keys.length === 1 && intrinsics.includes(keys[0] ?? "");
};

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const unknownKeys = (at: string, value: Json, known: readonly string[]): readonly string[] =>
  Object.keys(value).flatMap((key) =>
    known.includes(key) ? [] : [`${at === "" ? "" : `${at}.`}${key}: is not known to AWS`],
  );
