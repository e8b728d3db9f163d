terraform {
  required_providers {
    coze = {
      source = "cozeform/coze"
    }
  }
}

# The token is in COZE_API_TOKEN.
provider "coze" {}

# A second account, by an OAuth app that signs its own tokens.
provider "coze" {
  alias    = "overseas"
  endpoint = "https://api.coze.com"

  jwt = {
    app_id      = "1234567890123"
    key_id      = "_0a1b2c3d4e5f"
    private_key = var.private_key
  }
}

variable "private_key" {
  type      = string
  sensitive = true
}
