import { useId } from 'react';

interface Props {
  label: string;
  name: string;
  value: string;
  onChange: (value: string) => void;
  required?: boolean;
  error?: string;
}

/** A text field, and the error that belongs to it. The error is no part of the label, as it is not the field's name. */
export function EditField({ label, name, value, onChange, required, error }: Props) {
  const id = useId();
  const errorId = `${id}-error`;
  return (
    <div className="edit-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-required={required}
        aria-invalid={error !== undefined}
        aria-describedby={error && errorId}
        autoComplete="off"
      />
      {error && (
        <p id={errorId} className="field-error">
          {error}
        </p>
      )}
    </div>
  );
}
