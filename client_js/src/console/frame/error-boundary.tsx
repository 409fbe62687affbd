import { Component, type ReactNode } from "react";

import { Blank } from "../kit/blank";
import { Button } from "../kit/button";
import { texts } from "../texts";

/** A page that broke says so in words; the frame and its rings go on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <Blank
        title={texts.failing.crash}
        action={<Button onPress={() => location.reload()}>{texts.failing.reload}</Button>}
      >
        {texts.failing.crashText}
      </Blank>
    );
  }
}
