import { type SubmitEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { EditField } from '../forms/EditField';
import { type FormErrors, sortErrors } from '../forms/userErrors';
import { ProblemNotice } from '../ui/ProblemNotice';
import { useWorkspace } from '../workspace/context';
import { WorkspaceLink } from '../workspace/WorkspaceLink';
import { CustomerConflict } from './CustomerConflict';
import {
  type Base,
  baseOf,
  checkFields,
  constraintOf,
  type Field,
  FIELDS,
  LABELS,
  mergedOnto,
  patchOf,
  type Texts,
} from './editableCustomer';
import { type Payload, useCustomerUpdate } from './useCustomerUpdate';

const NO_ERRORS: FormErrors<Field> = { fields: {}, others: [] };

/** Edits a customer that was read before. It saves only what was changed, and only onto the version that was read. */
export function CustomerForm({ id, loaded }: { id: string; loaded: Base }) {
  const [base, setBase] = useState(loaded);
  const [texts, setTexts] = useState(loaded.texts);
  const [errors, setErrors] = useState(NO_ERRORS);
  /** The present row, if it is no longer the one that was read. */
  const [current, setCurrent] = useState<Base>();
  const { update, repeat, error, fetching } = useCustomerUpdate(show);
  const { slug } = useWorkspace();
  const navigate = useNavigate();
  const page = `customers/${id}`;

  function show({ customer, errors }: Payload) {
    const stale = errors.find((each) => each.__typename === 'StaleVersion');
    if (customer) void navigate(`/${slug}/${page}`);
    else if (stale?.current?.__typename === 'Customer') setCurrent(baseOf(stale.current));
    else setErrors(sortErrors(errors, FIELDS));
  }

  function save(texts: Texts, base: Base) {
    const patch = patchOf(texts, base);
    const fields = checkFields(texts, base);
    setErrors({ ...NO_ERRORS, fields });
    if (Object.keys(fields).length > 0) return;
    if (Object.keys(patch).length === 0) return void navigate(`/${slug}/${page}`);
    void update({ by: { id }, patch, expectedVersion: base.version });
  }

  /** Goes on with the present row and its version. */
  function goOnWith(current: Base, texts: Texts) {
    setBase(current);
    setTexts(texts);
    setErrors(NO_ERRORS);
    setCurrent(undefined);
  }

  function keepMine(current: Base) {
    const merged = mergedOnto(current, texts, base);
    goOnWith(current, merged);
    save(merged, current);
  }

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    save(texts, base);
  }

  return (
    <>
      {error && <ProblemNotice error={error} retry={() => void repeat()} fetching={fetching} />}
      {current && (
        <CustomerConflict
          base={base}
          current={current}
          mine={texts}
          disabled={fetching}
          onKeepMine={() => keepMine(current)}
          onTakeTheirs={() => goOnWith(current, current.texts)}
        />
      )}
      <form className="edit" aria-label="Customer" onSubmit={submit} noValidate>
        {errors.others.map((message) => (
          <p key={message} role="alert" className="field-error">
            {message}
          </p>
        ))}
        {FIELDS.map((name) => (
          <EditField
            key={name}
            label={LABELS[name]}
            name={name}
            value={texts[name]}
            onChange={(value) => setTexts({ ...texts, [name]: value })}
            required={constraintOf(name).required}
            error={errors.fields[name]}
          />
        ))}
        <p className="actions">
          <button type="submit" disabled={fetching || current !== undefined}>
            Save
          </button>
          <WorkspaceLink to={page}>Cancel</WorkspaceLink>
        </p>
      </form>
    </>
  );
}
