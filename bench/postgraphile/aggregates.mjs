// What @graphile/pg-aggregates leaves to its users: the number of rows of a group, which it only has
// as a number of distinct values, and months.

import { PgAggregatesPreset } from "@graphile/pg-aggregates";

const SpecsPlugin = {
  name: "BenchAggregateSpecsPlugin",
  version: "1.0.0",
  after: ["PgAggregatesSpecsPlugin"],
  schema: {
    hooks: {
      build(build) {
        const { sql, dataplanPg: { TYPES } } = build;
        build.pgAggregateSpecs.push({
          id: "count",
          humanLabel: "count",
          HumanLabel: "Count",
          isSuitableType: (codec) => codec === TYPES.uuid,
          sqlAggregateWrap: () => sql`count(*)`,
          pgTypeCodecModifier: () => TYPES.bigint,
          isNonNull: true,
        });
        build.pgAggregateGroupBySpecs.push({
          id: "truncated-to-month",
          isSuitableType: (codec) => codec === TYPES.timestamptz,
          sqlWrap: (moment) => sql`date_trunc('month', ${moment}, 'UTC')`,
          sqlWrapCodec: (codec) => codec,
        });
        return build;
      },
    },
  },
};

/** The preset that adds aggregates and groups. */
export const AggregatesPreset = {
  extends: [PgAggregatesPreset],
  plugins: [SpecsPlugin],
};
