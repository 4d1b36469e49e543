/** What the schema says about a field of an input, as `constraints.plugin.js` writes it. */
export interface Constraint {
  description: string;
  required?: boolean;
  maxLength?: number;
  pattern?: string;
}

/** Why the gateway would refuse the text of a field, or undefined. The gateway decides; this only spares a request. */
export function check(text: string, { description, required, maxLength, pattern }: Constraint): string | undefined {
  if (text === '') return required ? 'This field is required.' : undefined;
  // The gateway counts code points, and `text.length` counts UTF-16 units.
  const length = [...text].length;
  if (maxLength !== undefined && length > maxLength) return `At most ${maxLength} characters; these are ${length}.`;
  // The schema says in words what the pattern means.
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(text)) return description;
  return undefined;
}
