/** The errors of a mutation's payload, by the field of the form that they belong to. */
export interface FormErrors<Field extends string> {
  fields: Partial<Record<Field, string>>;
  /** Those that belong to no field of the form. */
  others: string[];
}

interface UserError {
  message: string;
  path: string[] | null;
}

/** An error in a field of `patch` has the path `["patch", "email"]`. */
export function sortErrors<Field extends string>(
  errors: readonly UserError[],
  names: readonly Field[],
): FormErrors<Field> {
  const sorted: FormErrors<Field> = { fields: {}, others: [] };
  for (const { message, path } of errors) {
    const name = path?.[0] === 'patch' ? names.find((candidate) => candidate === path[1]) : undefined;
    if (name) sorted.fields[name] ??= message;
    else sorted.others.push(message);
  }
  return sorted;
}
