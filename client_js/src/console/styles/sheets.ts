/** What every page needs, in this order; Routing and Team bring their own. */
import "./tokens.css";
import "./ground.css";
import "./controls.css";
import "./choosing.css";
import "./frame.css";
import "./inbox.css";
import "./visitor.css";
import "./history.css";
import "./conversation.css";
import "./pages.css";
