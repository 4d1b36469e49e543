import { useSearchParams } from 'react-router';

interface FieldProps {
  label: string;
  /** The search parameter that holds the value. */
  name: string;
}

interface TextProps extends FieldProps {
  /** A `FilterForm` applies a search while it is typed. */
  type?: 'text' | 'search' | 'date';
  maxLength?: number;
}

export function TextField({ label, name, type = 'text', maxLength }: TextProps) {
  const [params] = useSearchParams();
  return (
    <label>
      <span>{label}</span>
      <input
        type={type}
        name={name}
        defaultValue={params.get(name) ?? ''}
        maxLength={maxLength}
        autoComplete="off"
      />
    </label>
  );
}

interface SelectProps extends FieldProps {
  /** Texts by value. */
  options: Record<string, string>;
  /** The text for no value. */
  none: string;
}

export function SelectField({ label, name, options, none }: SelectProps) {
  const [params] = useSearchParams();
  return (
    <label>
      <span>{label}</span>
      {/* A default value only counts when the element is created, and options may be loaded later. */}
      <select key={Object.keys(options).length} name={name} defaultValue={params.get(name) ?? ''}>
        <option value="">{none}</option>
        {Object.entries(options).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
