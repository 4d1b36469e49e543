import { TextField } from '../ui/fields';
import { SEARCH } from './searchText';

/** A field for the words that a list is searched for. The gateway accepts 500 characters. */
export function SearchField() {
  return <TextField label="Search" name={SEARCH} type="search" maxLength={500} />;
}
