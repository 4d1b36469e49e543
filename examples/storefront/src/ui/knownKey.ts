/** The key if the record has it. Search parameters are what somebody typed, so they need a check before a query. */
export function knownKey<Key extends string>(record: Record<Key, unknown>, key: string | null): Key | undefined {
  return key !== null && Object.hasOwn(record, key) ? (key as Key) : undefined;
}
