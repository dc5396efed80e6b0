"""What importing a source that is none raises is raised here, too."""

import torn
