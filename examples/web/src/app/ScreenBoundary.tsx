import { Component, type ReactNode } from "react";
import { Heading } from "../components/Heading";
import { messages } from "../components/messages";
import { Notice } from "../components/Notice";
import { useMessages } from "../i18n/messages";

interface Props {
  /** Another path is another attempt. */
  path: string;
  children: ReactNode;
}

interface State {
  hasFailed: boolean;
}

/**
 * Shows a message in place of a screen that could not be loaded or displayed.
 *
 * Without it, React would remove everything. A chunk is missing if the network fails, or if there is a new build.
 */
export class ScreenBoundary extends Component<Props, State> {
  override state: State = { hasFailed: false };

  static getDerivedStateFromError(): State {
    return { hasFailed: true };
  }

  override componentDidUpdate({ path }: Props) {
    if (this.state.hasFailed && path !== this.props.path) this.setState({ hasFailed: false });
  }

  override render() {
    return this.state.hasFailed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  const text = useMessages(messages);
  return (
    <>
      <Heading title={text.notLoaded} />
      <Notice>
        <button onClick={() => location.reload()}>{text.retry}</button>
      </Notice>
    </>
  );
}
