import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    testTimeout: 30_000, // a slow machine isn't a failure
    projects: [
      {
        extends: true,
        test: {
          name: "protocol and client",
          environment: "node",
          include: ["tests/{protocol,client}/**/*.test.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "widget",
          environment: "jsdom",
          include: ["tests/widget/**/*.test.{ts,tsx}"],
        },
      },
      {
        extends: true,
        test: {
          name: "console",
          environment: "jsdom",
          include: ["tests/console/**/*.test.{ts,tsx}"],
        },
      },
    ],
  },
});
