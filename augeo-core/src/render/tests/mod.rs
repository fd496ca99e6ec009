//! Renderings of plans and reports that were made by hand.
