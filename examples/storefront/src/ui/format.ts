const LANGUAGE = 'en-GB';

/** A number as the API returns it: a JSON number, or a string where that would lose digits. */
export type Numeric = number | `${number}`;

export function formatCount(value: Numeric): string {
  return new Intl.NumberFormat(LANGUAGE).format(value);
}

export function formatMoney(value: Numeric, currency: string): string {
  return new Intl.NumberFormat(LANGUAGE, { style: 'currency', currency }).format(value);
}

/** As short as an axis needs it: £160K. */
export function formatShortMoney(value: number, currency: string): string {
  return new Intl.NumberFormat(LANGUAGE, { style: 'currency', currency, notation: 'compact' }).format(value);
}

/** The gateway returns and groups times in UTC, so everyone sees the same day and month. */
export function formatDate(value: string): string {
  return new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(value));
}

export function formatMonth(value: string): string {
  return new Intl.DateTimeFormat(LANGUAGE, { month: 'short', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(value),
  );
}
